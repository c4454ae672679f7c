Page({
  data: { idCard: '', address: null },

  onIdCard(e) {
    this.setData({ idCard: e.detail.value })
  },

  onSubmit() {
    my.setStorageSync({ key: 'patientIdCard', data: this.data.idCard }) // error: [storage/unencrypted-pii] id-card
    my.setStorage({ key: 'patient', data: { idCard: this.data.idCard } }) // error: [storage/unencrypted-pii] id-card
    my.request({
      url: 'http://his.shequ-clinic.cn/visit', // error: [transport/http-url]
      method: 'POST',
      data: { idCard: this.data.idCard }
    })
  },

  onAddress() {
    my.getAddress({
      success: (res) => {
        console.log(res.result.mobilePhone) // warning: [leak/log] phone
        my.navigateTo({ url: '/pages/notes/notes?tel=' + res.result.mobilePhone }) // warning: [leak/navigation] phone
      }
    })
  },

  onWhere() {
    my.getLocation({
      type: 1,
      success: (res) => {
        console.log('定位', res.longitude, res.latitude) // warning: [leak/log] location
      }
    })
  },

  onContact() {
    my.choosePhoneContact({
      success: (res) => {
        my.setClipboard({ text: res.mobile }) // warning: [leak/clipboard] phone
      }
    })
  }
})
