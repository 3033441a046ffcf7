// The page at `/` works without a network, too.
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js");
