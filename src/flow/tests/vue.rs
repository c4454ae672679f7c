//! Components written as single files: their blocks, references, models, what they provide and take.

use super::check_app;

const PAGES: &str = r#"{"pages": [{"path": "pages/a"}, {"path": "pages/b"}]}"#;

/// A uni-app of some files; the first one has the marks.
#[track_caller]
fn check(files: &[(&str, &str)]) {
    let mut all = files.to_vec();
    all.push(("pages.json", PAGES));
    all.push(("manifest.json", "{}"));
    check_app(&all);
}

#[test]
fn hooks_of_a_setup_block_see_what_others_did() {
    check(&[
        (
            "pages/a.vue",
            "<template><input v-model=\"form.tel\" placeholder=\"手机号\"/></template>\n<script setup>\nconst form = reactive({ tel: '', n: 1 })\nonLoad(() => console.log(getApp().globalData.tel)) // leak\nonHide(() => console.log(form.tel)) // leak\nonShow(() => console.log(form.n))\nwatch(() => form.tel, (v) => console.log(v)) // leak\nwatch([() => form.n, () => form.tel], ([n, tel]) => {\nconsole.log(n)\nconsole.log(tel) // leak\n})\n</script>",
        ),
        (
            "App.vue",
            "<script>\nexport default { globalData: { tel: '' }, onLaunch() { this.globalData.tel = uni.getStorageSync('phone') } }\n</script>",
        ),
    ]);
}

#[test]
fn references_lead_to_what_components_expose() {
    check(&[
        (
            "pages/a.vue",
            "<template><my-card ref=\"card\" :tel=\"tel\"/><button @tap=\"go\"/></template>\n<script setup>\nimport MyCard from '../components/my-card.vue'\nconst tel = uni.getStorageSync('phone')\nconst card = ref(null)\nfunction go() {\nconsole.log(card.value.peek()) // leak\nconsole.log(card.value.count())\n}\n</script>",
        ),
        (
            "components/my-card.vue",
            "<script setup>\nconst props = defineProps({ tel: String })\ndefineExpose({ peek: () => props.tel, count: () => 1 })\n</script>",
        ),
    ]);
}

#[test]
fn a_component_that_was_imported_before_its_turn_is_one() {
    check(&[
        (
            "pages/a.vue",
            "<template><kid :tel=\"tel\" @done=\"done\" ref=\"kid\"/><button @tap=\"go\"/></template>\n<script>\nimport kid from './kid.vue'\nexport default { components: { kid }, data() { return { tel: uni.getStorageSync('phone') } }, methods: {\ndone(v) { console.log(v.tel) }, // leak\ngo() { console.log(this.$refs.kid.inner) }, // leak\n} }\n</script>",
        ),
        (
            "pages/kid.vue",
            "<template><view @tap=\"send\"/></template>\n<script>\nexport default { props: ['tel'], data() { return { inner: this.tel } }, methods: { send() { this.$emit('done', { tel: this.tel }) } } }\n</script>",
        ),
    ]);
}

#[test]
fn two_way_bindings_of_components() {
    check(&[
        (
            "pages/a.vue",
            "<template><my-in v-model=\"mobile\"/><my-in v-model=\"count\"/><pick-it :tel.sync=\"tel\" v-model:other=\"other\"/><button @tap=\"go\"/></template>\n<script>\nimport MyIn from '../components/my-in.vue'\nimport PickIt from '../components/pick-it.vue'\nexport default { components: { MyIn, PickIt }, data() { return { mobile: '', count: '', tel: '', other: '' } }, methods: { go() {\nconsole.log(this.mobile) // leak\nconsole.log(this.count)\nconsole.log(this.tel) // leak\nconsole.log(this.other)\n} } }\n</script>",
        ),
        (
            "components/my-in.vue",
            "<template><input :value=\"value\" @input=\"typed\"/></template>\n<script>\nexport default { props: ['value'], methods: { typed(e) { this.$emit('input', e.detail.value) } } }\n</script>",
        ),
        (
            "components/pick-it.vue",
            "<template><view @tap=\"pick\"/></template>\n<script>\nexport default { methods: { pick() { this.$emit('update:tel', uni.getStorageSync('phone')); this.$emit('update:other', 1) } } }\n</script>",
        ),
    ]);
}

#[test]
fn what_is_provided_is_injected() {
    check(&[
        (
            "pages/b.vue",
            "<script>\nexport default { inject: { mine: 'tel', n: { from: 'n' } }, created() {\nconsole.log(this.mine) // leak\nconsole.log(this.n)\nconsole.log(this.$tel) // leak\n} }\n</script>",
        ),
        (
            "pages/a.vue",
            "<script>\nexport default { data() { return { tel: uni.getStorageSync('phone') } }, provide() { return { tel: this.tel, n: 1 } } }\n</script>",
        ),
        (
            "main.js",
            "import { createSSRApp } from 'vue'\nimport App from './App.vue'\nexport function createApp() {\nconst app = createSSRApp(App)\napp.config.globalProperties.$tel = uni.getStorageSync('phone')\nreturn { app }\n}",
        ),
        ("App.vue", "<script>\nexport default {}\n</script>"),
    ]);
}

#[test]
fn what_all_instances_have() {
    check(&[
        (
            "main.js",
            "import Vue from 'vue'\nVue.mixin({ methods: {\ntrace(v) { console.log(v) }, // leak\ncount(v) { console.log(v) },\n} })",
        ),
        (
            "pages/a.vue",
            "<script>\nexport default { onLoad() { this.trace(uni.getStorageSync('phone')); this.count(1) } }\n</script>",
        ),
    ]);
}
