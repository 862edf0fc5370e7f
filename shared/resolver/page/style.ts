/** The page's only style sheet. Contrasts are at least 4.5:1, in light and in dark. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606b;--line:#dfe3e8;--ground:#fff;--raised:#f5f7f9;--link:#0a58a6;--good:#1a7342;--bad:#b3261e;--warn:#855600;--full:#bfe3cd;--lost:#d9534a;--stage:#235f73;--onstage:#fff}
.production{--stage:#7a1f5c}
@media(prefers-color-scheme:dark){
:root{--ink:#e7eaee;--soft:#9ba6b2;--line:#2b323a;--ground:#13161a;--raised:#1a1f25;--link:#83b9f9;--good:#5fcb8f;--bad:#ff8f85;--warn:#e6b84a;--full:#23573c;--lost:#d65f57;--stage:#7cc4d8;--onstage:#13161a}
.production{--stage:#d08dbb}
}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1600px;font:14px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums;color:var(--ink);background:var(--ground);--gap:24px}
header,main>*{padding-inline:var(--gap)}
h1{font-size:18px;margin:0}h1 a{color:inherit;text-decoration:none}
h2{font-size:22px;line-height:1.25;margin:0;overflow-wrap:anywhere}
.lines h2,h3{font-size:14px;line-height:inherit;margin:20px 0 6px;color:var(--soft);font-weight:600}
p{margin:4px 0}
small,th,.legend,dl,code,.lines span{font-size:13px}
small{display:block;color:var(--soft)}
a{color:var(--link);unicode-bidi:isolate}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
header{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:center;padding-block:12px;border-top:5px dashed var(--stage)}
.production header{border-top-style:solid}
.who{display:flex;flex-wrap:wrap;align-items:center;gap:2px 14px;margin:0;color:var(--soft);overflow-wrap:anywhere}
.stage{padding:1px 8px;border-radius:4px;border:1px solid var(--stage);color:var(--stage)}
.production .stage{background:var(--stage);color:var(--onstage)}
.tools{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center;margin-left:auto;color:var(--soft)}
input,select,button{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:6px;padding:6px 10px;min-width:0;max-width:100%}
input,select{border-color:var(--soft)}
::placeholder{color:var(--soft);opacity:1}
button{cursor:pointer;background:var(--raised)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:1px;background:var(--line);border-block:1px solid var(--line)}
.tiles>*{background:var(--raised);padding:10px var(--gap);color:var(--soft)}
.tiles b{display:block;font-size:18px;line-height:1.3;font-weight:600;color:var(--ink)}
.tiles a{color:inherit;text-decoration-color:var(--line);text-underline-offset:3px}
.tiles a:hover{text-decoration-color:currentColor}
#top:has(.tiles){padding:0}
.bad,.tiles .bad,small.bad{color:var(--bad)}.warn,.tiles .warn,small.warn{color:var(--warn)}.good{color:var(--good)}
span.good::before{content:"\\2713\\a0";content:"\\2713\\a0" / ""}
:is(span,p,strong).bad::before,:is(span,p).warn::before{content:"\\26a0\\a0";content:"\\26a0\\a0" / ""}
.lines{display:flex;flex-wrap:wrap;gap:0 28px;padding:4px var(--gap);border-bottom:1px solid var(--line)}
.lines details[open]{flex:1 0 100%;min-width:0;max-width:100%}
.lines details>div{padding:0 0 10px 16px;overflow-wrap:anywhere}
.lines summary{padding:5px 0}
.lines b{font-weight:600}.lines i{font:13px ui-monospace,monospace;color:var(--soft)}
summary{cursor:pointer;width:fit-content}
ul{padding-left:18px;margin:4px 0;overflow-wrap:anywhere}li{margin:4px 0}
.find{display:flex;flex-wrap:wrap;gap:8px;padding-block:14px}
.find input{flex:1 1 280px}.find select{flex:0 1 auto;max-width:220px}
.chips,.legend,.pager{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;margin:0 0 10px}
.chip{border:1px solid var(--line);border-radius:12px;padding:0 10px;background:var(--raised);color:inherit;text-decoration:none;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse}
th{text-align:left;font-weight:500;color:var(--soft)}
thead th{padding:6px 12px 6px 0;white-space:nowrap;border-bottom:1px solid var(--line)}
thead a{color:inherit;text-decoration:none}thead a:hover{text-decoration:underline}
th[aria-sort]{color:var(--ink);font-weight:600}
th[aria-sort=ascending] a::after{content:" \\2191";content:" \\2191" / ""}th[aria-sort=descending] a::after{content:" \\2193";content:" \\2193" / ""}
:is(.services,.groups) tbody :is(th,td){padding:7px 12px 7px 0;border-bottom:1px solid var(--line);vertical-align:baseline}
:is(.services,.groups) tbody th{width:40%;font-size:14px;overflow-wrap:anywhere;font-weight:400}
:is(.services,.groups) tbody th a{color:var(--ink);font-weight:600;text-decoration:none}
:is(.services,.groups) tbody th a:hover{text-decoration:underline}
:is(.services,.groups) tbody tr:hover{background:var(--raised)}
:is(.services,.groups) td{white-space:nowrap}
.services td:is(:nth-child(4),:nth-child(5)){white-space:normal;overflow-wrap:anywhere}
.services tbody .part td{padding:14px 0 5px;font-size:13px;font-weight:600;color:var(--soft)}
.services tr.part:hover{background:none}
:is(.services,.groups) td:nth-child(2):not(.none)::before{content:"";display:inline-block;width:112px;height:8px;margin-right:10px;border-radius:4px;background:linear-gradient(90deg,var(--full) var(--p,100%),var(--lost) 0)}
.b0{--p:0%}.b1{--p:10%}.b2{--p:20%}.b3{--p:30%}.b4{--p:40%}.b5{--p:50%}.b6{--p:60%}.b7{--p:70%}.b8{--p:80%}.b9{--p:90%}
.services td:nth-child(3),.instances td:nth-child(3),.legend b{font-family:ui-monospace,monospace;word-spacing:.5ch}
td small{font-family:system-ui,sans-serif;word-spacing:0}
td b,.legend b{position:relative;font-weight:400}
.no{color:var(--bad);font-weight:700!important;text-decoration:line-through}
.u,.so{color:var(--soft)}
.u::after,.so::after{position:absolute;left:100%;content:"?";content:"?" / ""}.so::after{content:"\\2026";content:"\\2026" / ""}
.u{color:var(--bad)}
.legend{color:var(--soft);padding-top:12px;gap:2px 18px}
.legend .u,.legend .so{margin-right:.8ch}
u,.hidden,caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.empty{padding:24px 0}
.crumb{margin:0}
.lead{color:var(--soft);margin:2px 0 12px;overflow-wrap:anywhere}
.note{border-left:3px solid currentColor;background:var(--raised);padding:7px 12px;margin:6px 0;overflow-wrap:anywhere}
.note.note:not(.bad):not(.warn){color:var(--soft)}
.cols{display:grid;grid-template-columns:minmax(0,1fr) 320px;gap:0 36px;align-items:start}
.cols>div{min-width:0}
.instances,.instances :is(thead,tbody){display:block}
.instances tr{display:grid;grid-template-columns:92px minmax(150px,1.5fr) 96px minmax(96px,1fr) 92px 72px minmax(60px,1fr) 64px;gap:0 12px;position:relative;border-bottom:1px solid var(--line);padding:7px 0}
.instances thead tr{padding:0}.instances :is(td,th){padding:0;min-width:0;overflow-wrap:anywhere}
.instances thead th{padding:6px 0;border:0}
.instances td:last-child{grid-column:1/-1}
.instances td summary{position:absolute;top:7px;right:0;width:64px;color:var(--soft)}
.instances a{color:inherit;text-decoration-color:var(--soft)}
.tag,dl,code{background:var(--raised);border-radius:4px}.tag{padding:1px 6px}
dl{display:grid;grid-template-columns:fit-content(40%) 1fr;gap:2px 16px;margin:8px 0;padding:8px 12px;overflow-wrap:anywhere}dl div{display:contents}dt{color:var(--soft)}dd{margin:0}
.counts{grid-template-columns:repeat(auto-fit,minmax(110px,1fr));max-width:900px}.counts div{display:block}
code{font-family:ui-monospace,monospace;padding:2px 5px;overflow-wrap:anywhere}
.call span{display:inline-block;max-width:100%}
.call{display:block;margin:4px 0 8px;padding:6px 8px;user-select:all}
.log{list-style:none;margin:0;padding:0}
.log li{display:grid;grid-template-columns:88px 1fr;gap:0 8px;padding:6px 0;margin:0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.log time{color:var(--soft)}
.login{max-width:420px;margin:12vh auto}.login form{display:grid;gap:10px}.login h1{margin-bottom:16px}
#live{padding-bottom:32px}
[hidden]{display:none!important}
@media(max-width:1100px){.cols{grid-template-columns:minmax(0,1fr)}}
@media(max-width:860px){
body{--gap:14px}
.tiles{grid-template-columns:1fr 1fr}.tiles b{font-size:14px}
.find input{flex:1 1 60%}.find button{order:-1}.find input{order:-2}.find select{flex:1 1 20%;max-width:none}
.services :is(td,thead th):nth-child(n+4):nth-child(-n+5){display:none}
.instances thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.instances tr{grid-template-columns:96px 1fr 96px 68px}
.instances td:nth-child(n+4):not(:last-child):empty{display:none}
}
@media(max-width:600px){
.lines{display:block}.find select{flex-basis:40%}
.who{order:3;flex:1 0 100%}
:is(.services,.groups) tbody th{width:auto}
:is(.services,.groups) :is(th,td){padding-right:8px}
.services :is(td,thead th):nth-child(3){display:none}
.groups :is(td,thead th):nth-child(n+3):nth-child(-n+4){display:none}
:is(.services,.groups) td:nth-child(2)::before{width:40px!important;margin-right:6px!important}
.instances tr{display:flex;flex-wrap:wrap;gap:0 12px}
.instances td:nth-child(2){flex:1 1 120px;margin-right:64px}
.instances td:nth-child(3){flex:1 0 100%}
.instances td:last-child{flex:1 0 100%}
dl:not(.counts),dl:not(.counts) div{display:block}
}
`;
