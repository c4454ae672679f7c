import { useState } from 'react'
import Taro, { setStorageSync as keep } from '@tarojs/taro'
import { View, Input, Button, Text } from '@tarojs/components'
import { post } from '../../services/http'

interface Card {
  bankCard: string
  mobile: string
}

export default function CardPage() {
  const [card, setCard] = useState<Card>({ bankCard: '', mobile: '' })

  const submit = async () => {
    console.log('绑卡', card.bankCard) // error: [leak/log] bank-card
    keep('bankCard', card.bankCard) // error: [storage/unencrypted-pii] bank-card
    Taro.setStorage({ key: 'cardMobile', data: card.mobile }) // warning: [storage/unencrypted-pii] phone
    await post('/cards', card)
    Taro.navigateTo({ url: '/pages/news/index?mobile=' + card.mobile }) // warning: [leak/navigation] phone
  }

  const copy = () => Taro.setClipboardData({ data: card.bankCard }) // error: [leak/clipboard] bank-card

  return (
    <View>
      <Input type='number' placeholder='银行卡号' onInput={(e) => setCard({ ...card, bankCard: e.detail.value })} /> {/* info: [pii/unprotected-input] */}
      <Input type='number' placeholder='预留手机号' onInput={(e) => setCard({ ...card, mobile: e.detail.value })} />
      <Text onClick={copy}>复制</Text>
      <Button onClick={submit}>绑定</Button>
    </View>
  )
}
