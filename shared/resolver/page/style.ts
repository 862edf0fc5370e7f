/** The page's only style sheet. Colours are pairs that pass 4.5:1 on their ground, in light and in dark. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--ground:#fff;--raised:#f3f5f7;--line:#c9d1d9;--link:#0550ae;--good:#116329;--bad:#b3151d}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa5b1;--ground:#0d1117;--raised:#161b22;--line:#3d444d;--link:#79b8ff;--good:#56d364;--bad:#ff938a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:90rem;padding:1rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:0;display:inline}h3{font-size:1rem;margin:1rem 0 0}
small{font-weight:400;font-size:.9rem;color:var(--dim)}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
header,form.find,.pager,.sights{display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:center}
header{justify-content:space-between}
form.find{margin:1rem 0;align-items:end}
form.find label{display:flex;flex-direction:column;font-size:.85rem;color:var(--dim)}
form.find label.check{flex-direction:row;gap:.4rem;align-items:center;min-height:2.4rem}
form.find label.wide{flex:1 1 16rem}
input,select,button{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--dim);border-radius:6px;padding:.35rem .6rem;min-height:2.4rem;max-width:100%}
input[type=checkbox]{min-height:1.2rem;width:1.2rem;margin:0}
button{background:var(--raised);cursor:pointer}
ul{padding-left:1.2rem;margin:.3rem 0}
.sights,.places{list-style:none;padding:0}
.good{color:var(--good)}.bad{color:var(--bad)}.dim{color:var(--dim)}
.good::before{content:"\\2713\\a0";content:"\\2713\\a0" / ""}.bad::before{content:"\\26a0\\a0";content:"\\26a0\\a0" / ""}.dim::before{content:"\\2026\\a0";content:"\\2026\\a0" / ""}
section{border-top:1px solid var(--line);padding:.7rem 0}
table{border-collapse:collapse;width:100%;margin-top:.4rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;overflow-wrap:anywhere}
thead th{font-size:.85rem;font-weight:400;color:var(--dim)}
tbody tr{border-top:1px solid var(--line)}
.service table{table-layout:fixed}.places{margin:0;display:flex;flex-wrap:wrap;gap:0 .8rem}
.service th:nth-child(1){width:8rem}.service th:nth-child(2){width:12rem}.service th:nth-child(3){width:22rem}.service th:nth-child(4){width:8rem}.service th:nth-child(5){width:7rem}.service th:nth-child(6){width:9rem}
.tag{background:var(--raised);border-radius:4px;padding:0 .35rem}
summary{cursor:pointer;width:fit-content}
dl{margin:.3rem 0}dl div{display:flex;flex-wrap:wrap;gap:0 .6rem}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
code{font:13px/1.4 ui-monospace,monospace;background:var(--raised);overflow-wrap:anywhere}
li code{display:block;padding:.2rem .4rem}
li,p{overflow-wrap:anywhere}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
.login{max-width:26rem;margin:12vh auto}.login form{display:grid;gap:.8rem}.login label{display:grid;gap:.2rem}
@media(max-width:44rem){
table,tbody,tr,td,tbody th{display:block}
thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
tbody tr{padding:.5rem 0}
td{padding:.1rem 0;display:grid;grid-template-columns:6rem 1fr;gap:.6rem}
td::before{content:attr(data-label);content:attr(data-label) / "";color:var(--dim)}
td[data-label=More]>div{grid-column:1/-1}td[data-label=More]::before{display:none}
}
`;
