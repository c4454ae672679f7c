Page({
  onOpen() {
    wx.openPrivacyContract({})
  }
})
