/** The page's only style sheet. Contrasts are at least 4.5:1, in light and in dark. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--ground:#fff;--raised:#f3f5f7;--line:#d0d7de;--link:#0550ae;--good:#116329;--bad:#b3151d}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa5b1;--ground:#0d1117;--raised:#161b22;--line:#30363d;--link:#79b8ff;--good:#56d364;--bad:#ff938a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:90rem;padding:1rem;font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere;color:var(--ink);background:var(--ground)}
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:0;display:inline}h3{font-size:1rem;margin:1rem 0 0}
small{font-weight:400;font-size:.9rem;color:var(--dim)}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
header,.find,.pager,.registries,.presences{display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:center}
header{justify-content:space-between}
.find{margin:1rem 0;align-items:end}
.find label{display:grid;flex:0 1 9rem;font-size:.85rem;color:var(--dim)}
.find .check{display:flex;flex:none;gap:.4rem;align-items:center;min-height:2.4rem}
.find .wide{flex:1 1 20rem}
input,select,button{font:inherit;color:var(--ink);background:var(--ground);border:1px solid var(--dim);border-radius:6px;padding:.35rem .6rem;min-height:2.4rem;min-width:0;max-width:100%}
input[type=checkbox]{min-height:1.2rem;width:1.2rem;margin:0}
button{background:var(--raised);cursor:pointer}
ul{padding-left:1.2rem;margin:.3rem 0}
.registries,.presences{list-style:none;padding:0;margin:0;gap:0 .8rem}
.bad{color:var(--bad)}.dim{color:var(--dim)}
.good::before{color:var(--good);content:"\\2713\\a0";content:"\\2713\\a0" / ""}.bad::before{content:"\\26a0\\a0";content:"\\26a0\\a0" / ""}.dim::before{content:"\\2026\\a0";content:"\\2026\\a0" / ""}
section{border-top:1px solid var(--line);padding:.8rem 0}
th,td{text-align:left;vertical-align:top;padding:.15rem 0}
thead th{font-size:.85rem;font-weight:400;color:var(--dim)}
tr{padding:.15rem 0}thead tr{border-bottom:1px solid var(--line)}tr+tr{border-top:1px solid var(--line)}
.counts{border-collapse:collapse;width:100%}.counts :is(td,th+th){text-align:right;padding-left:.8rem;white-space:nowrap}.counts span{display:block;font-weight:400}
.service :is(table,thead,tbody){display:block}
.service tr{display:grid;grid-template-columns:6.5rem minmax(11.5rem,1fr) minmax(14rem,2fr) 7rem 6rem minmax(5rem,1fr) 5rem;gap:0 .8rem;position:relative}
.service td:last-child{grid-column:1/-1;padding:0}
.service td summary{position:absolute;top:.3rem;right:0;width:5rem}
.tag,.call,dl{background:var(--raised);border-radius:6px;padding:.5rem .8rem}.tag{padding:0 .35rem}
summary{cursor:pointer;width:fit-content}
dl{display:grid;grid-template-columns:fit-content(40%) 1fr;gap:.1rem .8rem;margin:.3rem 0;font-size:.9rem}dl div{display:contents}dt{color:var(--dim)}dd{margin:0}
code{font:13px/1.4 ui-monospace,monospace}
.call{display:block;margin-top:.3rem;user-select:all}
.hidden,.service~.service thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
.login{max-width:26rem;margin:12vh auto}.login form{display:grid;gap:.8rem}.login label{display:grid;gap:.2rem}
@media(max-width:72rem){
.find .wide{flex-basis:100%}.find .check{flex:1}
thead{position:absolute;width:1px;overflow:hidden;clip-path:inset(50%)}
.service tr{grid-template-columns:7rem 11rem 1fr 4rem}
.service td:nth-child(4){grid-column:1}
.service td summary{width:auto}
.service time::after{content:" old"}
table.counts,.counts :is(tbody,tr,tbody th){display:block}
.counts tr td{display:inline-block;padding:0 .8rem 0 0}.counts td::before{content:attr(data-label)"\\a0";content:attr(data-label)"\\a0" / "";color:var(--dim)}
}
@media(max-width:44rem){
.find label{flex:1 1 40%}
.service tr{display:flex;flex-wrap:wrap}
.service td:nth-child(2){flex:1 1 7rem;margin-right:4.6rem}
.service td:nth-child(4n+3){flex:1 0 100%}
td:empty{margin-left:-.8rem}
dl,dl div{display:block}
}
`;
