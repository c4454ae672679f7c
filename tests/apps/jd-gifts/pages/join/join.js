Page({
  data: { mobile: '' },

  onMobile(e) {
    this.setData({ mobile: e.detail.value })
  },

  onJoin() {
    console.log(this.data.mobile) // warning: [leak/log] phone
    jd.setStorageSync('mobile', this.data.mobile) // warning: [storage/unencrypted-pii] phone
    jd.setStorage({ key: 'joined', data: { mobile: this.data.mobile } }) // warning: [storage/unencrypted-pii] phone
    jd.request({ url: 'https://api.liwu-gifts.example.com/join?mobile=' + this.data.mobile }) // warning: [transport/pii-in-url] phone
    jd.navigateTo({ url: '/pages/posts/posts?mobile=' + this.data.mobile }) // warning: [leak/navigation] phone
    jd.setClipboardData({ data: this.data.mobile }) // warning: [leak/clipboard] phone
  },

  onGood() {
    jd.request({ url: 'https://api.liwu-gifts.example.com/join', method: 'POST', data: { mobile: this.data.mobile } })
  }
})
