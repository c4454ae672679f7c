Page({
  data: { phone: '', email: '' },

  onPhone(e) {
    this.setData('phone', e.detail.value)
  },

  onEmail(e) {
    this.setData({ email: e.detail.value })
  },

  onSave() {
    const resume = { phone: this.data.phone, email: this.data.email }
    swan.setStorageSync('resume', resume) // warning: [storage/unencrypted-pii] phone
    swan.setStorage({ key: 'resumePhone', data: resume.phone }) // warning: [storage/unencrypted-pii] phone
    console.info('resume', resume.phone) // warning: [leak/log] phone
    swan.navigateToSmartProgram({ // error: [leak/navigation] phone
      appKey: 'partnerkey',
      path: 'pages/apply',
      extraData: { phone: resume.phone }
    })
  },

  onSend() {
    swan.request({
      url: 'https://api.qiuzhi-jobs.example.com/resume',
      method: 'POST',
      data: { phone: this.data.phone }
    })
  },

  onHome() {
    swan.chooseAddress({
      success: (res) => {
        console.log(res.telNumber) // warning: [leak/log] phone
      }
    })
  }
})
