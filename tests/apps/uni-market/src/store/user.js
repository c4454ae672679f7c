import { reactive } from 'vue'

export const user = reactive({ mobile: '', nickname: '' })

export function remember(mobile) {
  user.mobile = mobile
  uni.setStorageSync('mobile', mobile) // warning: [storage/unencrypted-pii] phone
}
