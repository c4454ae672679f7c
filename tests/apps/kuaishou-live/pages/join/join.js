Page({
  data: { mobile: '' },

  onMobile(e) {
    this.setData({ mobile: e.detail.value })
  },

  onJoin() {
    console.log(this.data.mobile) // warning: [leak/log] phone
    ks.setStorageSync('mobile', this.data.mobile) // warning: [storage/unencrypted-pii] phone
    ks.setStorage({ key: 'joined', data: { mobile: this.data.mobile } }) // warning: [storage/unencrypted-pii] phone
    ks.request({ url: 'https://api.xiangcun-live.example.com/join?mobile=' + this.data.mobile }) // warning: [transport/pii-in-url] phone
    ks.navigateTo({ url: '/pages/posts/posts?mobile=' + this.data.mobile }) // warning: [leak/navigation] phone
    ks.setClipboardData({ data: this.data.mobile }) // warning: [leak/clipboard] phone
  },

  onGood() {
    ks.request({ url: 'https://api.xiangcun-live.example.com/join', method: 'POST', data: { mobile: this.data.mobile } })
  }
})
