Page({
  data: { mobile: '' },

  onMobile(e) {
    this.setData({ mobile: e.detail.value })
  },

  onJoin() {
    console.log(this.data.mobile) // warning: [leak/log] phone
    qq.setStorageSync('mobile', this.data.mobile) // warning: [storage/unencrypted-pii] phone
    qq.setStorage({ key: 'joined', data: { mobile: this.data.mobile } }) // warning: [storage/unencrypted-pii] phone
    qq.request({ url: 'https://api.yule-club.example.com/join?mobile=' + this.data.mobile }) // warning: [transport/pii-in-url] phone
    qq.navigateTo({ url: '/pages/posts/posts?mobile=' + this.data.mobile }) // warning: [leak/navigation] phone
    qq.setClipboardData({ data: this.data.mobile }) // warning: [leak/clipboard] phone
  },

  onGood() {
    qq.request({ url: 'https://api.yule-club.example.com/join', method: 'POST', data: { mobile: this.data.mobile } })
  }
})
