// Statistics of another company.
function report(event, detail) {
  wx.request({ // warning: [leak/third-party] phone
    url: 'https://collect.tongji-cloud.example.net/v1/events',
    method: 'POST',
    data: { event, detail }
  })
}

module.exports = { report }
