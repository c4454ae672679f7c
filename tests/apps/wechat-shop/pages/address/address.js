const { request } = require('../../utils/request')
const store = require('../../utils/store')

Page({
  data: { address: null },

  onChoose() {
    wx.chooseAddress({
      success: (res) => {
        this.setData({ address: res })
        wx.setStorageSync('address', res) // warning: [storage/unencrypted-pii] address phone
        wx.navigateTo({ // warning: [leak/navigation] phone
          url: '/pages/order/order?name=' + encodeURIComponent(res.userName) + '&tel=' + res.telNumber
        })
      },
      fail: () => wx.showToast({ title: '没有选择地址', icon: 'none' })
    })
  },

  onCopy() {
    const { telNumber } = this.data.address
    wx.setClipboardData({ data: telNumber }) // warning: [leak/clipboard] phone
  },

  onIdCard(e) {
    store.save('buyerIdCard', e.detail.value)
  },

  onIdCardSafely(e) {
    store.saveSafely('buyerIdentity', e.detail.value)
  },

  onSave() {
    request({ url: '/address', method: 'POST', data: this.data.address, quiet: true })
  }
})
