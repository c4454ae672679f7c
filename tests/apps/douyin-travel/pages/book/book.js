Page({
  data: { passenger: { realName: '', idNumber: '' } },

  onName(e) {
    this.setData({ 'passenger.realName': e.detail.value })
  },

  onIdNumber(e) {
    this.setData({ 'passenger.idNumber': e.detail.value })
  },

  onBook() {
    tt.setStorageSync('passenger', this.data.passenger) // error: [storage/unencrypted-pii] id-card
    tt.reportAnalytics('book', { id: this.data.passenger.idNumber }) // error: [leak/third-party] id-card
    tt.request({
      url: 'https://api.manyou-travel.example.com/book',
      method: 'POST',
      data: this.data.passenger
    })
  },

  onAddress() {
    tt.chooseAddress({
      success: (res) => {
        console.log(res) // warning: [leak/log] phone
        tt.setStorage({ key: 'address', data: res }) // warning: [storage/unencrypted-pii] address
      }
    })
  },

  onWhere() {
    tt.getLocation({
      success: ({ latitude, longitude }) => {
        tt.request({ url: `https://api.manyou-travel.example.com/near?lat=${latitude}&lng=${longitude}` })
      }
    })
  }
})
