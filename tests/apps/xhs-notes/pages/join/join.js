Page({
  data: { mobile: '' },

  onMobile(e) {
    this.setData({ mobile: e.detail.value })
  },

  onJoin() {
    console.log(this.data.mobile) // warning: [leak/log] phone
    xhs.setStorageSync('mobile', this.data.mobile) // warning: [storage/unencrypted-pii] phone
    xhs.setStorage({ key: 'joined', data: { mobile: this.data.mobile } }) // warning: [storage/unencrypted-pii] phone
    xhs.request({ url: 'https://api.biji-notes.example.com/join?mobile=' + this.data.mobile }) // warning: [transport/pii-in-url] phone
    xhs.navigateTo({ url: '/pages/posts/posts?mobile=' + this.data.mobile }) // warning: [leak/navigation] phone
    xhs.setClipboardData({ data: this.data.mobile }) // warning: [leak/clipboard] phone
  },

  onGood() {
    xhs.request({ url: 'https://api.biji-notes.example.com/join', method: 'POST', data: { mobile: this.data.mobile } })
  }
})
