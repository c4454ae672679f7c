#!/usr/bin/env python3
"""How the cost of a check grows with the app: generated apps of 50 to 1,000 pages, whole check, one thread.

    benches/growth.py [--bin BIN] [--pages 50,100,200,500,1000] [--runs N] [--keep DIR]

The apps are shaped like real ones: pages with templates and handlers, a module of API calls for every ten pages, wrappers
for requests and storage that all of them share, components, page queries, storage keys written here and read there. Prints
processor time, peak memory and the exponent k of `time ~ pages^k` between the smallest and the largest app, start-up (an empty app) taken off.
Times depend on the machine: this is a comparison, not a test.
"""
import argparse
import json
import math
import os
import sys
import tempfile

sys.dont_write_bytecode = True
from compare import ROOT, bytes_in, measure  # noqa: E402

REQUEST = """const base = 'https://api.xiangcun.cn'
function request(path, data, method = 'POST') {
  return new Promise((resolve, reject) => {
    wx.request({
      url: base + path, data, method,
      header: { token: wx.getStorageSync('token') },
      success: res => res.statusCode === 200 ? resolve(res.data) : reject(res),
      fail: reject
    })
  })
}
module.exports = { request, get: (path, data) => request(path, data, 'GET'), post: request }
"""
STORAGE = """const save = (key, value) => wx.setStorageSync(key, value)
const load = (key, fallback) => wx.getStorageSync(key) || fallback
export default { save, load, remove(key) { wx.removeStorageSync(key) } }
"""
FORMAT = """function mask(phone) { return phone ? phone.slice(0, 3) + '****' + phone.slice(7) : '' }
function date(time) { const d = new Date(time); return [d.getFullYear(), d.getMonth() + 1, d.getDate()].join('-') }
export { mask, date }
"""
APP = """import storage from './utils/storage'
App({
  globalData: { user: null, shop: 1 },
  onLaunch() {
    wx.login({ success: res => { this.code = res.code } })
    this.globalData.user = storage.load('user')
  },
  setUser(user) { this.globalData.user = user; storage.save('user', user) }
})
"""
API = """const { get, post } = require('../utils/request')
module.exports = {
  list@(page) { return get('/list@', { page, size: 20 }) },
  detail@(id) { return get('/detail@/' + id) },
  submit@(form) { return post('/submit@', form) },
  profile@(params = {}) { return get('/profile@', params).then(res => res.data) }
}
"""
COMPONENT = """Component({
  properties: { user: Object, title: String },
  observers: { user(user) { this.setData({ name: user && user.nickName }) } },
  methods: {
    choose(e) { this.triggerEvent('choose', { id: e.currentTarget.dataset.id, phone: this.data.user.phone }) }
  }
})
"""
COMPONENT_MARKUP = """<view class="card" bindtap="choose" data-id="{{user.id}}">
  <text>{{title}} {{name}}</text><slot />
</view>
"""
PAGE = """import storage from '../../utils/storage'
import { mask, date } from '../../utils/format'
const api = require('../../api/api@A')
const app = getApp()

Page({
  data: { list: [], page: 1, form: { name: '', phone: '' }, loading: false, tabs: ['全部', '待付款', '已完成'] },

  onLoad(options) {
    this.id = options.id
    this.setData({ title: options.title, user: app.globalData.user })
    this.fetch()
  },

  async fetch() {
    if (this.data.loading) return
    this.setData({ loading: true })
    try {
      const res = await api.list@A(this.data.page)
      const rows = res.data.map(row => ({ ...row, time: date(row.createTime), tel: mask(row.phone) }))
      this.setData({ list: this.data.list.concat(rows), page: this.data.page + 1 })
    } catch (error) {
      console.error('list @', error.errMsg)
      wx.showToast({ title: '加载失败', icon: 'none' })
    } finally {
      this.setData({ loading: false })
    }
  },

  onInput(e) {
    const { field } = e.currentTarget.dataset
    this.setData({ [`form.${field}`]: e.detail.value })
  },

  submit() {
    const { form } = this.data
    if (!/^1\\d{10}$/.test(form.phone)) {
      return wx.showToast({ title: '手机号不正确', icon: 'none' })
    }
    const that = this
    api.submit@A({ ...form, shop: app.globalData.shop }).then(function (res) {
      storage.save('form@', form)
      that.setData({ order: res.data })
      @LOG
      wx.navigateTo({ url: '/pages/p@N/p@N?id=' + res.data.id + '&title=' + res.data.title })
    })
  },

  restore() {
    const form = storage.load('form@P', {})
    this.setData({ form, 'form.restored': true })
  },

  open(e) {
    const row = this.data.list[e.currentTarget.dataset.index]
    switch (row.state) {
      case 1: wx.navigateTo({ url: `/pages/p@N/p@N?id=${row.id}` }); break
      case 2: api.detail@A(row.id).then(res => this.setData({ detail: res.data })); break
      default: wx.showModal({ title: '提示', content: row.state > 2 ? '已完成' : '请稍候', success: r => r.confirm && this.fetch() })
    }
  },

  total() {
    let sum = 0
    for (const row of this.data.list) {
      if (row.state !== 3) sum += row.price * row.count
    }
    return sum.toFixed(2)
  },

  onChoose(e) { this.setData({ chosen: e.detail.id }) },
  onReachBottom() { this.fetch() },
  onShareAppMessage() { return { title: this.data.title, path: '/pages/p@/p@?id=' + this.id } }
})
"""
MARKUP = """<view class="page">
  <scroll-view scroll-x class="tabs">
    <text wx:for="{{tabs}}" wx:key="*this" class="tab {{index === current ? 'on' : ''}}" data-index="{{index}}" bindtap="onTab">{{item}}</text>
  </scroll-view>
  <card user="{{user}}" title="{{title}}" bind:choose="onChoose" />
  <view wx:for="{{list}}" wx:for-item="row" wx:key="id" class="row" data-index="{{index}}" bindtap="open">
    <image src="{{row.cover}}" mode="aspectFill" />
    <view class="name">{{row.name}} × {{row.count}}</view>
    <view class="tel">{{row.tel}} · {{row.time}}</view>
    <view wx:if="{{row.state === 1}}">待付款</view><view wx:else>{{row.stateText || '已完成'}}</view>
  </view>
  <form bindsubmit="submit">
    <input name="name" data-field="name" value="{{form.name}}" bindinput="onInput" placeholder="收货人" />
    <input name="phone" type="number" data-field="phone" value="{{form.phone}}" bindinput="onInput" placeholder="手机号" />
    <button form-type="submit" disabled="{{loading}}">提交订单 {{order.no}}</button>
  </form>
</view>
"""


def generate(folder, pages):
    """Writes an app. Returns its bytes."""
    def write(name, text):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    write("utils/request.js", REQUEST)
    write("utils/storage.js", STORAGE)
    write("utils/format.js", FORMAT)
    write("app.js", APP)
    write("components/card/card.js", COMPONENT)
    write("components/card/card.wxml", COMPONENT_MARKUP)
    write("components/card/card.json", '{ "component": true }\n')
    write("app.json", json.dumps({"pages": [f"pages/p{n}/p{n}" for n in range(pages)]}, indent=2) + "\n")
    for n in range(max(1, pages // 10)):
        write(f"api/api{n}.js", API.replace("@", str(n)))
    for n in range(pages):
        log = "console.log(form)" if n % 20 == 0 else "wx.showToast({ title: '提交成功' })"
        api = n // 10 if n // 10 < max(1, pages // 10) else 0
        text = PAGE.replace("@LOG", log).replace("@A", str(api))
        text = text.replace("@N", str((n + 1) % pages)).replace("@P", str((n - 1) % pages)).replace("@", str(n))
        write(f"pages/p{n}/p{n}.js", text)
        write(f"pages/p{n}/p{n}.wxml", MARKUP)
        write(f"pages/p{n}/p{n}.json", '{ "usingComponents": { "card": "/components/card/card" } }\n')
    return bytes_in(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=os.path.join(ROOT, "target", "release", "minivet"))
    parser.add_argument("--pages", default="50,100,200,500,1000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", help="leave the apps in this folder")
    arguments = parser.parse_args()
    sizes = [int(n) for n in arguments.pages.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        root = arguments.keep or scratch
        empty = os.path.join(root, "empty")
        os.makedirs(empty, exist_ok=True)

        def check(folder):
            return measure([arguments.bin, "check", folder, "--format", "json", "--fail-on", "never", "--jobs", "1"], arguments.runs)

        _, start, idle = check(empty)
        print(f"start-up {start:.3f} s, {idle:.0f} MB; best of {arguments.runs}, one thread")
        print(f"{'pages':>6s} {'MB':>6s} {'CPU s':>8s} {'ms a page':>10s} {'peak MB':>8s} {'k':>6s}")
        rows = []
        for pages in sizes:
            folder = os.path.join(root, f"app-{pages}")
            size = generate(folder, pages)
            _, cpu, peak = check(folder)
            rows.append((pages, max(cpu - start, 1e-4)))
            k = math.log(rows[-1][1] / rows[-2][1]) / math.log(rows[-1][0] / rows[-2][0]) if len(rows) > 1 else float("nan")
            print(f"{pages:6d} {size / 1e6:6.2f} {cpu:8.3f} {1000 * rows[-1][1] / pages:10.2f} {peak:8.0f} {k:6.2f}")
        if len(rows) > 1:
            k = math.log(rows[-1][1] / rows[0][1]) / math.log(rows[-1][0] / rows[0][0])
            print(f"from {rows[0][0]} to {rows[-1][0]} pages: time ~ pages^{k:.2f}")


if __name__ == "__main__":
    main()
