const { request } = require('../../utils/request')

Page({
  data: { tel: '', orders: [] },

  onLoad(options) {
    this.setData({ tel: options.tel })
    request({ url: '/orders' }).then((orders) => this.setData({ orders }))
  },

  // Cleartext, and the number in the address of the request.
  track() {
    wx.request({ // warning: [transport/pii-in-url] phone
      url: 'http://wuliu.xinyue-shop.cn/track?tel=' + this.data.tel, // error: [transport/http-url]
      success: (res) => {
        const n = res.data.length
        console.log(n)
      }
    })
  },

  onShareAppMessage() {
    return {
      title: '我的订单',
      path: `/pages/order/order?tel=${this.data.tel}` // error: [leak/navigation] phone
    }
  }
})
