const { request } = require('../../utils/request')

// A page with nothing to object to: no personal data at all.
Page({
  data: { goods: [], page: 1, phoneModel: '' },

  onLoad() {
    const { model } = wx.getDeviceInfo()
    this.setData({ phoneModel: model })
    this.more()
  },

  more() {
    request({ url: '/goods', data: { page: this.data.page } }).then((list) => {
      console.log('goods', list.length)
      this.setData({ goods: this.data.goods.concat(list), page: this.data.page + 1 })
    })
  },

  onOpen(e) {
    wx.setStorageSync('lastGoods', e.currentTarget.dataset.id)
    wx.navigateTo({ url: '/pages/order/order?goodsId=' + e.currentTarget.dataset.id })
  },

  onShareAppMessage() {
    return { title: '心悦小店', path: '/pages/index/index' }
  }
})
