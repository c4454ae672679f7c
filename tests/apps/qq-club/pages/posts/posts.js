// Nothing to object to.
Page({
  data: { posts: [] },

  onLoad() {
    qq.request({
      url: 'https://api.yule-club.example.com/posts',
      success: (res) => {
        console.log('posts', res.data.length)
        this.setData({ posts: res.data })
      }
    })
  }
})
