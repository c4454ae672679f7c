Page({
  data: { phone: '' },

  onPhone(e) {
    this.setData({ phone: e.detail.value })
  },

  async onSave() {
    const { result } = await wx.cloud.callFunction({ name: 'savePatient', data: { phone: this.data.phone } })
    console.log(result.ok)
  }
})
