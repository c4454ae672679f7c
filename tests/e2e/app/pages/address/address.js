Page({
  data: { city: '' },

  // 收货地址 😀
  onChoose() {
    wx.chooseAddress({
      success: (res) => {
        console.log('收货地址', res.telNumber)
        this.setData({ city: res.cityName })
      },
      fail: () => {
        wx.showToast({ title: '没有选择地址', icon: 'none' })
      }
    })
  }
})
