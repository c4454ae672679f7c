#!/usr/bin/env python3
"""Prints 30 simple ast-grep rules that look for what a reviewer would look for with patterns alone (YAML, one document a rule).

They are the yardstick of `compare.py`: a pattern matcher that does far less, run on the same files in the same run.
"""
RULES = [
    ("log-phone", "console.log($$$A, $P.phone, $$$B)"),
    ("log-mobile", "console.log($$$A, $P.mobile, $$$B)"),
    ("log-idcard", "console.log($$$A, $P.idCard, $$$B)"),
    ("log-password", "console.log($$$A, $P.password, $$$B)"),
    ("log-token", "console.log($$$A, $P.token, $$$B)"),
    ("log-userinfo", "console.log($$$A, $P.userInfo, $$$B)"),
    ("log-tel", "console.log($$$A, $P.telNumber, $$$B)"),
    ("log-location", "console.log($$$A, $P.latitude, $$$B)"),
    ("log-detail", "console.log($E.detail.value)"),
    ("info-any", "console.info($P.$F)"),
    ("store-sync", "wx.setStorageSync($K, $V)"),
    ("store", "wx.setStorage({$$$A, data: $V, $$$B})"),
    ("store-uni", "uni.setStorageSync($K, $V)"),
    ("store-taro", "Taro.setStorageSync($K, $V)"),
    ("store-file", "$FS.writeFile({$$$A})"),
    ("request", "wx.request({$$$A, url: $U, $$$B})"),
    ("request-uni", "uni.request({$$$A})"),
    ("request-taro", "Taro.request({$$$A})"),
    ("upload", "wx.uploadFile({$$$A})"),
    ("socket", "wx.connectSocket({$$$A})"),
    ("navigate", "wx.navigateTo({url: $A + $B})"),
    ("redirect", "wx.redirectTo({url: $A + $B})"),
    ("clipboard", "wx.setClipboardData({$$$A})"),
    ("location", "wx.getLocation({$$$A})"),
    ("profile", "wx.getUserProfile({$$$A})"),
    ("address", "wx.chooseAddress({$$$A})"),
    ("mini-program", "wx.navigateToMiniProgram({$$$A})"),
    ("md5", "md5($A)"),
    ("random", "Math.random()"),
    ("eval", "eval($A)"),
]

assert len(RULES) == 30
print("---\n".join(f'id: {name}\nlanguage: JavaScript\nseverity: warning\nmessage: {name}\nrule:\n  pattern: "{pattern}"\n' for name, pattern in RULES), end="")
