// One line in a page: <script src="https://HOST/widget.js" async></script>, and <suara-warga></suara-warga> where it is
// to stand. This file is for every browser, however old; what it loads is for those of 2020 and later.
(function () {
  "use strict";
  var script = document.currentScript;
  var base = (script && script.src ? script.src : "/widget.js").replace(/widget\.js.*$/, "");
  if (!window.customElements || !script || !("noModule" in script)) {
    tell();
    return;
  }
  var element = document.createElement("script");
  element.type = "module";
  element.src = base + "widget/element.js";
  document.head.appendChild(element);

  function tell() {
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", tell);
      return;
    }
    var places = document.getElementsByTagName("suara-warga");
    for (var i = 0; i < places.length; i += 1) {
      places[i].textContent =
        "Maaf, peramban ini terlalu lama untuk percakapan suara. Silakan perbarui peramban, atau telepon kami.";
    }
  }
})();
