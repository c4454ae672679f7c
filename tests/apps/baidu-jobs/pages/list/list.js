// Nothing to object to.
Page({
  data: { jobs: [] },

  onLoad() {
    swan.request({
      url: 'https://api.qiuzhi-jobs.example.com/jobs',
      success: (res) => {
        console.log('jobs', res.data.length)
        this.setData({ jobs: res.data })
      }
    })
  }
})
