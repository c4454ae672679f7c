const cloud = require('wx-server-sdk')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

exports.main = async (event) => {
  console.log('patient', event.phone) // info: [leak/log] phone
  const { OPENID } = cloud.getWXContext()
  await cloud.database().collection('patients').add({ data: { owner: OPENID, phone: event.phone } })
  return { ok: true }
}
