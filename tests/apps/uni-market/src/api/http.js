const BASE = 'https://api.linli-market.example.com'

export function post(url, data) {
  return uni.request({ url: BASE + url, method: 'POST', data })
}
