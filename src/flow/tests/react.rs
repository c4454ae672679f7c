//! Components that are functions: hooks, references, forms.

use super::check_app;

const APP: (&str, &str) = (
    "src/app.config.ts",
    "export default defineAppConfig({ pages: ['pages/a/index'] })",
);

#[test]
fn references_lead_to_what_components_hand_out() {
    check_app(&[
        (
            "src/pages/a/index.tsx",
            "import { useRef } from 'react'\nimport { Card } from '../../card'\nexport default function Page() {\nconst card = useRef(null)\nconst go = () => {\nconsole.log(card.current.peek()) // leak\nconsole.log(card.current.count())\n}\nreturn <View onClick={go}><Card ref={card} tel={Taro.getStorageSync('phone')}/></View>\n}",
        ),
        (
            "src/card.tsx",
            "import { forwardRef, useImperativeHandle } from 'react'\nexport const Card = forwardRef((props, ref) => {\nuseImperativeHandle(ref, () => ({ peek: () => props.tel, count: () => 1 }))\nreturn <View/>\n})",
        ),
        APP,
    ]);
}

#[test]
fn a_form_sends_what_its_named_controls_hold() {
    check_app(&[
        (
            "src/pages/a/index.tsx",
            "import { Form, Input } from '@tarojs/components'\nexport default function Page() {\nconst send = (e) => {\nconsole.log(e.detail.value.idCard) // leak\nconsole.log(e.detail.value.count)\n}\nreturn <Form onSubmit={send}><Input name='idCard' placeholder='身份证号'/><Input name='count'/></Form>\n}",
        ),
        APP,
    ]);
}

#[test]
fn slices_thunks_and_selectors() {
    check_app(&[
        (
            "src/pages/a/index.tsx",
            "import { useSelector, useDispatch } from 'react-redux'\nimport store, { set, load, later, tel, masked, both } from '../../store'\nexport default function Page() {\nconst dispatch = useDispatch()\nconst all = useSelector(both)\nuseEffect(() => {\ndispatch(set(Taro.getStorageSync('phone')))\ndispatch(later(1))\ndispatch(load(1)).unwrap().then((v) => console.log(v)) // leak\n}, [])\nconsole.log(useSelector(tel)) // leak\nconsole.log(useSelector(masked))\nconsole.log(all.tel) // leak\nconsole.log(all.n)\nconsole.log(useSelector((s) => s.user.loaded)) // leak\nstore.subscribe(() => console.log(store.getState().user.tel)) // leak\nreturn <View/>\n}",
        ),
        (
            "src/store.ts",
            "import { createSlice, createAsyncThunk, createSelector, configureStore } from '@reduxjs/toolkit'\nexport const load = createAsyncThunk('user/load', async () => (await Taro.getStorage({ key: 'phone' })).data)\nconst slice = createSlice({\nname: 'user',\ninitialState: { tel: '', n: 1, loaded: '' },\nreducers: { set: { reducer(state, action) { state.tel = action.payload.v }, prepare(v) { return { payload: { v } } } } },\nextraReducers(builder) { builder.addCase(load.pending, (state) => { state.n = 2 }).addCase(load.fulfilled, (state, { payload }) => { state.loaded = payload }) },\n})\nexport const { set } = slice.actions\nexport const tel = (s) => s.user.tel\nexport const masked = createSelector([tel], (t) => t.replace(/(\\d{3})\\d{4}/, '$1****'))\nexport const both = createSelector(tel, (s) => s.user.n, (tel, n) => ({ tel, n }))\nexport const later = (v) => (dispatch, getState) => getState().user.n\nexport default configureStore({ reducer: { user: slice.reducer } })",
        ),
        APP,
    ]);
}

#[test]
fn reactions_outside_of_components() {
    check_app(&[
        (
            "src/store.ts",
            "import { makeAutoObservable, autorun, reaction } from 'mobx'\nclass Store { tel = ''; n = 1; constructor() { makeAutoObservable(this) } set(v) { this.tel = v } }\nexport const store = new Store()\nautorun(() => console.log(store.tel)) // leak\nreaction(() => store.tel, (v) => console.log(v)) // leak\nreaction(() => store.n, (v) => console.log(v))",
        ),
        (
            "src/pages/a/index.tsx",
            "import { store } from '../../store'\nexport default function Page() { return <View onClick={() => store.set(Taro.getStorageSync('phone'))}/> }",
        ),
        APP,
    ]);
}

#[test]
fn reducers_and_connected_components() {
    check_app(&[
        (
            "src/pages/a/index.jsx",
            "import { Component } from 'react'\nimport { connect } from 'react-redux'\nimport { load } from '../../store'\nclass Page extends Component {\ncomponentDidMount() { this.props.load() }\nrender() {\nconsole.log(this.props.tel) // leak\nconsole.log(this.props.n)\nreturn <View/>\n}\n}\nexport default connect((state) => ({ tel: state.user.tel, n: state.user.n }), { load })(Page)",
        ),
        (
            "src/store.js",
            "import { createStore, combineReducers, applyMiddleware } from 'redux'\nimport thunk from 'redux-thunk'\nfunction user(state = { tel: '', n: 1 }, action) { switch (action.type) { case 'TEL': return { ...state, tel: action.tel }; default: return state } }\nexport const load = () => (dispatch) => dispatch({ type: 'TEL', tel: Taro.getStorageSync('phone') })\nexport default createStore(combineReducers({ user }), applyMiddleware(thunk))",
        ),
        APP,
    ]);
}

#[test]
fn what_is_connected_again_and_again_ends() {
    check_app(&[
        (
            "src/pages/a/index.jsx",
            "import { connect } from 'react-redux'\nimport { Component } from 'react'\nclass Page extends Component { render() {\nconsole.log(Taro.getStorageSync('phone')) // leak\nreturn <View/> } }\nlet all = [Page]\nfor (const x of [1, 2, 3]) all.push(connect((s) => s)(all[x]))\nfor (const x of [1, 2, 3]) all.push(connect((s) => s)(all[x]))\nexport default all[all.length - 1]",
        ),
        APP,
    ]);
}

#[test]
fn elements_have_names_and_data() {
    check_app(&[
        (
            "src/pages/a/index.tsx",
            "import { Component } from 'react'\nimport { View, Input } from '@tarojs/components'\nexport default class A extends Component {\nonInput(e) { this.setState({ [e.target.id]: e.detail.value }) }\nonData(e) { this.setState({ [e.currentTarget.dataset.userField]: e.detail.value }) }\nsave() {\nconsole.log(this.state.count)\nconsole.log(this.state.tel) // leak\nconsole.log(this.state.mobile) // leak\n}\nrender() { return <View onClick={this.save.bind(this)}>\n<Input id=\"tel\" type=\"number\" placeholder=\"手机号\" onInput={this.onInput.bind(this)}/>\n<Input id=\"count\" placeholder=\"数量\" onInput={this.onInput.bind(this)}/>\n<Input data-user-field=\"mobile\" placeholder=\"手机号\" onInput={this.onData.bind(this)}/></View> }\n}",
        ),
        APP,
    ]);
}
