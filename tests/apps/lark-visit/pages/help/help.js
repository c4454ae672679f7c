// Nothing to object to.
Page({
  data: { open: false },

  onToggle() {
    this.setData({ open: !this.data.open })
  }
})
