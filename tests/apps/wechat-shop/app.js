const { request } = require('./utils/request')

App({
  globalData: {
    baseUrl: 'https://api.xinyue-shop.cn',
    user: null
  },

  onLaunch() {
    wx.login({
      success: ({ code }) => {
        request({ url: '/session', method: 'POST', data: { code } }).then((session) => {
          this.globalData.user = session.user
        })
      }
    })
  }
})
