// Nothing to object to.
Page({
  data: { list: [] },

  onLoad() {
    tt.request({
      url: 'https://api.manyou-travel.example.com/scenery',
      success: (res) => this.setData({ list: res.data })
    })
  },

  onShareAppMessage() {
    return { title: '漫游风景', path: 'pages/scenery/scenery' }
  }
})
