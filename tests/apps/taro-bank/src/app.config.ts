export default defineAppConfig({
  pages: ['pages/card/index', 'pages/news/index']
})
