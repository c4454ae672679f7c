import Taro from '@tarojs/taro'

export async function post<T>(url: string, data: object): Promise<T> {
  const res = await Taro.request({ url: 'https://api.xiangcun-bank.example.com' + url, method: 'POST', data })
  return res.data as T
}
