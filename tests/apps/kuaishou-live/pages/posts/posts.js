// Nothing to object to.
Page({
  data: { posts: [] },

  onLoad() {
    ks.request({
      url: 'https://api.xiangcun-live.example.com/posts',
      success: (res) => {
        console.log('posts', res.data.length)
        this.setData({ posts: res.data })
      }
    })
  }
})
