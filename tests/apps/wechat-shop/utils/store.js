// A thin wrapper around the storage, as most apps have one.
function save(key, value) {
  wx.setStorageSync(key, value) // error: [storage/unencrypted-pii] id-card
}

function load(key) {
  return wx.getStorageSync(key)
}

function saveSafely(key, value) {
  return wx.setStorage({ key, data: value, encrypt: true })
}

module.exports = { save, load, saveSafely }
