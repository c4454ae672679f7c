const mask = require('../../utils/mask')

Component({
  properties: { tel: String },
  data: { shown: '' },
  observers: {
    tel(value) {
      this.setData({ shown: mask.phone(value) })
    }
  },
  methods: {
    onTap() {
      this.triggerEvent('copy')
    }
  }
})
