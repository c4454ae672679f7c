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
