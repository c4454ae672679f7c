// Nothing to object to.
Page({
  data: { posts: [] },

  onLoad() {
    xhs.request({
      url: 'https://api.biji-notes.example.com/posts',
      success: (res) => {
        console.log('posts', res.data.length)
        this.setData({ posts: res.data })
      }
    })
  }
})
