<view>
  <input type="number" placeholder="手机号" bindinput="onMobile" />
  <text>{{mobile}}</text> <!-- warning: [pii/unmasked-display] phone -->
  <button bindtap="onJoin">加入</button>
  <button bindtap="onGood">报名</button>
</view>
