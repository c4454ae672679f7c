const store = require('../../utils/store')
const mask = require('../../utils/mask')

// The good way: shown masked, kept encrypted, removed on logout, nothing in the log.
Page({
  data: { shown: '' },

  onLoad() {
    wx.getStorage({
      key: 'buyerPhone',
      encrypt: true,
      success: ({ data }) => this.setData({ shown: mask.phone(data) })
    })
  },

  onEdit(e) {
    const phone = e.detail.value
    store.saveSafely('buyerPhone', phone)
    console.log('phone changed', Boolean(phone))
    this.setData({ shown: mask.phone(phone) })
  },

  onLogout() {
    wx.clearStorage()
    wx.reLaunch({ url: '/pages/index/index' })
  }
})
