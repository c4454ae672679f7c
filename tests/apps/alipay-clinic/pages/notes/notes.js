// Nothing to object to.
Page({
  data: { notes: [] },

  onLoad() {
    my.request({
      url: 'https://his.shequ-clinic.cn/notes',
      success: (res) => {
        console.log('notes', res.data.length)
        this.setData({ notes: res.data })
      }
    })
  },

  onRead(e) {
    my.setStorageSync({ key: 'lastRead', data: e.target.dataset.id })
  }
})
