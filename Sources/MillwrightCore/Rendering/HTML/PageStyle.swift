// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension HTMLReport {
    /// The page's style: colours first, light and dark, then the parts from top to bottom.
    static let style = HTML(
        markup: """
            :root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#17212c;--muted:#5a6877;--line:#dfe4ea;\
            --code:#f1f4f7;--accent:#2a6db0;--critical:#b0103f;--error:#bf3a16;--warning:#925a00;--info:#1d6aae;\
            --ok:#1b7a49;--unknown:#6455a8;--fill-warning:#dd9a1e;--fill-error:#d9532f;--fill-ok:#2f9e66}
            @media (prefers-color-scheme:dark){:root{--bg:#0f141a;--card:#171e27;--ink:#e5ebf1;--muted:#97a5b4;\
            --line:#2a3541;--code:#10161d;--accent:#6fb1f0;--critical:#ff6f93;--error:#ff8d6b;--warning:#efb54c;\
            --info:#71b5f3;--ok:#57ca8d;--unknown:#b5a8f2;--fill-warning:#d99a2b;--fill-error:#e0653f;--fill-ok:#3fae76}}
            *{box-sizing:border-box}
            html{-webkit-text-size-adjust:100%}
            body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
            "Noto Sans","DejaVu Sans",sans-serif}
            main{max-width:1080px;margin:0 auto;padding:36px 24px 56px}
            h1{font-size:1.75rem;line-height:1.2;margin:.3rem 0;letter-spacing:-.015em;overflow-wrap:anywhere}
            h2{font-size:1.2rem;line-height:1.3;margin:2.6rem 0 .8rem;letter-spacing:-.01em;overflow-wrap:anywhere}
            h3{font-size:1rem;margin:1.4rem 0 .6rem;overflow-wrap:anywhere}
            p{margin:.4rem 0;overflow-wrap:anywhere}
            a{color:inherit;text-decoration-color:var(--muted);text-underline-offset:3px}
            a:hover{color:var(--accent)}
            .muted{color:var(--muted)}
            .small{font-size:.875rem}
            .eyebrow{display:flex;align-items:center;gap:.5rem;color:var(--accent);font-weight:600;font-size:.9rem;margin:0}
            .wheel{width:20px;height:20px;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round}
            code,pre,.subject,.id,dd,td.long{font-family:ui-monospace,"SF Mono","Cascadia Mono",Menlo,"DejaVu Sans Mono",\
            "Liberation Mono",monospace;font-size:.875em}
            .card{background:var(--card);border:1px solid var(--line);border-radius:12px}
            .overview{margin-top:1.6rem}
            .score{display:flex;align-items:center;gap:40px;padding:26px 32px}
            .ring{flex:none;width:172px;height:172px}
            .ring circle{fill:none;stroke-width:3.6}
            .ring .track{stroke:var(--line)}
            .ring .arc{stroke:currentColor;stroke-linecap:round}
            .ring.ok{color:var(--fill-ok)}.ring.warning{color:var(--fill-warning)}.ring.error{color:var(--fill-error)}
            .ring .mark{font-size:11px;font-weight:700;text-anchor:middle;fill:var(--ink);letter-spacing:-.03em}
            .ring .of{font-size:3.1px;text-anchor:middle;fill:var(--muted)}
            .parts{flex:1;min-width:0;display:grid;gap:9px}
            .part{display:grid;grid-template-columns:minmax(90px,12rem) 1fr 9rem;align-items:center;gap:16px}
            .name{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
            .points{font-variant-numeric:tabular-nums;color:var(--muted);font-size:.875rem;white-space:nowrap}
            small.unknown{color:var(--unknown);font-size:inherit}
            .bar{display:block;width:100%;height:10px;border-radius:5px}
            .bar .track{fill:var(--line)}
            .bar .fill{fill:var(--accent)}
            .bar.ok .fill{fill:var(--fill-ok)}.bar.warning .fill{fill:var(--fill-warning)}.bar.error .fill{fill:var(--fill-error)}
            .bar.none{opacity:.55}
            .tally,.well{list-style:none;display:flex;flex-wrap:wrap;gap:8px;margin:16px 0 0;padding:0}
            .tally li,.well li,.badge{--c:var(--muted);color:var(--c);background:color-mix(in srgb,var(--c) 13%,var(--card))}
            .tally li,.well li{border-radius:999px;padding:3px 13px;font-size:.9rem}
            .tally b{font-variant-numeric:tabular-nums}
            .well li,.tally .ok{--c:var(--ok)}
            .well li::before{content:"✓ "}
            .critical,.critical .badge{--c:var(--critical)!important}
            .error,.error .badge{--c:var(--error)!important}
            .warning,.warning .badge{--c:var(--warning)!important}
            .info,.info .badge{--c:var(--info)!important}
            .unknown,.unknown .badge{--c:var(--unknown)!important}
            .finding{border-left:5px solid var(--c);padding:16px 22px 18px;margin:12px 0}
            .finding.unknown{border-left-style:dashed}
            .finding h3{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px;margin:0 0 .5rem}
            .badge{border-radius:6px;padding:2px 9px;font-size:.72rem;font-weight:700;letter-spacing:.06em;\
            text-transform:uppercase;align-self:center}
            .finding .subject{font-size:.95rem;min-width:0}
            .id{margin-left:auto;color:var(--muted);font-weight:400;font-size:.8rem}
            dl{display:flex;flex-wrap:wrap;gap:8px 30px;margin:.8rem 0}
            dl div{min-width:0}
            dl .long{flex-basis:100%}
            dt{color:var(--muted);font-size:.78rem}
            dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
            .remedy{margin-top:.9rem}
            .remedy b{color:var(--ok)}
            pre{background:var(--code);border:1px solid var(--line);border-radius:8px;padding:11px 14px;margin:.6rem 0 0;\
            overflow-x:auto;line-height:1.5}
            code{font-size:1em}
            details.fold{padding:12px 22px}
            details.fold pre{max-height:24rem;overflow-y:auto}
            details.fold table{margin-top:.6rem}
            summary{cursor:pointer}
            .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:14px;margin:14px 0;align-items:start}
            figure{margin:0;padding:16px 20px 18px;min-width:0}
            figcaption{font-weight:600;margin-bottom:.8rem}
            .bars{display:grid;grid-template-columns:fit-content(45%) 1fr auto;gap:8px 12px;align-items:center;\
            font-size:.875rem}
            .row{display:contents}
            .bars .bar{border-radius:3px}
            .bars p{grid-column:1/-1;margin:0}
            .label{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
            .value{font-variant-numeric:tabular-nums;white-space:nowrap;text-align:right}
            .row .bar .track{fill:none}
            .line{display:grid;grid-template-columns:auto 1fr;gap:4px 10px;font-size:.78rem;color:var(--muted);\
            font-variant-numeric:tabular-nums}
            .line svg{width:100%;height:150px;overflow:visible}
            .line path{vector-effect:non-scaling-stroke}
            .grid{stroke:var(--line);stroke-width:1;fill:none}
            .stroke{stroke:var(--accent);stroke-width:2;fill:none;stroke-linejoin:round}
            .area{fill:var(--accent);opacity:.13}
            .dot{stroke:var(--accent);stroke-width:7;stroke-linecap:round}
            .scale,.labels{display:flex;justify-content:space-between}
            .scale{flex-direction:column;text-align:right;white-space:nowrap}
            .labels{grid-column:2}
            .scroll{overflow-x:auto}
            table{border-collapse:collapse;width:100%;font-size:.9rem}
            th,td{text-align:left;padding:8px 16px;vertical-align:top;border-bottom:1px solid var(--line)}
            th{color:var(--muted);font-weight:600;font-size:.8rem;white-space:nowrap}
            tbody tr:last-child td{border-bottom:0}
            .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
            .whole{white-space:nowrap}
            td.long{min-width:22rem;white-space:pre-wrap;overflow-wrap:anywhere}
            footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.85rem}
            @media (max-width:640px){main{padding:22px 15px 40px}h1{font-size:1.4rem}
            .score{flex-direction:column;padding:22px 18px;gap:20px}.ring{width:150px;height:150px}.parts{width:100%;gap:14px}
            .part{grid-template-columns:1fr auto;gap:4px 10px}.part .bar{grid-row:2;grid-column:1/-1}
            .bars{display:block}.row{display:grid;grid-template-columns:1fr auto;gap:3px 10px;margin-bottom:10px}
            .row .bar{grid-row:2;grid-column:1/-1}
            .finding{padding:14px 15px}.id{margin-left:0;flex-basis:100%}th,td{padding:7px 11px}td.long{min-width:16rem}}
            @media print{:root{--bg:#fff}main{max-width:none;padding:0}.card{break-inside:avoid}
            .scroll.card{break-inside:auto}tr{break-inside:avoid}body{font-size:13px}h2,h3{break-after:avoid}
            pre{white-space:pre-wrap}.scroll{overflow:visible}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

            """
    )
}
