Page({
  data: { mobile: '', plate: '' },

  onMobile(e) {
    this.setData({ mobile: e.detail.value })
  },

  onSend() {
    const { mobile } = this.data
    console.log('访客', mobile) // warning: [leak/log] phone
    dd.setStorageSync('visitorMobile', mobile) // warning: [storage/unencrypted-pii] phone
    dd.navigateTo({ url: '/pages/help/help?mobile=' + mobile }) // warning: [leak/navigation] phone
    dd.request({ url: 'http://api.daijia-drive.cn/form', method: 'POST', data: { mobile } }) // error: [transport/http-url]
  },

  onGood() {
    dd.request({ url: 'https://api.daijia-drive.cn/form', method: 'POST', data: { mobile: this.data.mobile } })
  }
})
