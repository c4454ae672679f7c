const BASE = 'https://api.xinyue-shop.cn'

// The app's only way to its server. `quiet` requests are not logged.
function request({ url, method = 'GET', data, quiet }) {
  if (!quiet) {
    console.log('[request]', method, url)
  }
  return new Promise((resolve, reject) => {
    wx.request({
      url: BASE + url,
      method,
      data,
      header: { 'content-type': 'application/json' },
      success: (res) => (res.statusCode === 200 ? resolve(res.data) : reject(res)),
      fail: reject
    })
  })
}

module.exports = { request }
