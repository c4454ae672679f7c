export default defineAppConfig({ // warning: [consent/no-privacy-agreement] bank-card phone
  pages: ['pages/card/index', 'pages/news/index']
})
