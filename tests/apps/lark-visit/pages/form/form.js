Page({
  data: { mobile: '', plate: '' },

  onMobile(e) {
    this.setData({ mobile: e.detail.value })
  },

  onSend() {
    const { mobile } = this.data
    console.log('访客', mobile) // warning: [leak/log] phone
    tt.setStorageSync('visitorMobile', mobile) // warning: [storage/unencrypted-pii] phone
    tt.navigateTo({ url: '/pages/help/help?mobile=' + mobile }) // warning: [leak/navigation] phone
    tt.request({ url: 'http://api.fangke-visit.cn/form', method: 'POST', data: { mobile } }) // error: [transport/http-url]
  },

  onGood() {
    tt.request({ url: 'https://api.fangke-visit.cn/form', method: 'POST', data: { mobile: this.data.mobile } })
  }
})
