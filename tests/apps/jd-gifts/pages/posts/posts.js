// Nothing to object to.
Page({
  data: { posts: [] },

  onLoad() {
    jd.request({
      url: 'https://api.liwu-gifts.example.com/posts',
      success: (res) => {
        console.log('posts', res.data.length)
        this.setData({ posts: res.data })
      }
    })
  }
})
