import { useEffect, useState } from 'react'
import Taro from '@tarojs/taro'
import { View } from '@tarojs/components'

// Nothing to object to.
export default function News() {
  const [list, setList] = useState<{ id: string; title: string }[]>([])

  useEffect(() => {
    Taro.request({ url: 'https://api.xiangcun-bank.example.com/news' }).then((res) => {
      console.log('news', res.data.length)
      setList(res.data)
    })
  }, [])

  return (
    <View>
      {list.map((item) => (
        <View key={item.id}>{item.title}</View>
      ))}
    </View>
  )
}
