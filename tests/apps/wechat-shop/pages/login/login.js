const { request } = require('../../utils/request')
const { report } = require('../../utils/report')

Page({
  data: { mobile: '', password: '', agreed: false },

  onMobile(e) {
    this.setData({ mobile: e.detail.value })
  },

  onPassword(e) {
    this.data.password = e.detail.value
  },

  onAgree(e) {
    this.setData({ agreed: e.detail.value.length > 0 })
  },

  // The number typed in reaches the log by way of this.data.
  onSubmit() {
    const form = { mobile: this.data.mobile, password: this.data.password }
    console.log('登录表单', form) // error: [leak/log] password phone
    if (!/^1\d{10}$/.test(this.data.mobile)) {
      console.log('bad number', this.data.mobile.length)
      return
    }
    wx.setStorageSync('loginForm', form) // error: [storage/credential] password; warning: [storage/unencrypted-pii] phone
    report('login', { who: this.data.mobile }) // warning: [leak/third-party] phone
    request({ url: '/login', method: 'POST', data: form, quiet: true }) // warning: [transport/plaintext-password] password
  },

  // The server turns the code into the number: nothing personal is in the client.
  onPhone(e) {
    if (!e.detail.code) return
    request({ url: '/phone', method: 'POST', data: { code: e.detail.code } })
  }
})
