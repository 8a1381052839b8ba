/* Being told by this browser: asks for permission, and sends its address with the form. */
(function () {
  "use strict";

  var form = document.querySelector("[data-mpp-push]");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return;
  }
  var problem = form.querySelector("[data-mpp-problem]");
  var button = form.querySelector("button");

  function bytes(text) {
    var whole = text + "====".slice(text.length % 4 || 4);
    var raw = atob(whole.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (letter) { return letter.charCodeAt(0); });
  }

  function fail(name) {
    button.disabled = false;
    problem.textContent = problem.getAttribute("data-" + name);
    problem.hidden = false;
  }

  function send(subscription) {
    var keys = subscription.toJSON();
    form.elements.endpoint.value = keys.endpoint;
    form.elements.p256dh.value = keys.keys.p256dh;
    form.elements.auth.value = keys.keys.auth;
    form.submit();
  }

  function subscribe() {
    return navigator.serviceWorker.register("/pekerja.js").then(function () {
      return navigator.serviceWorker.ready;
    }).then(function (registration) {
      return registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(form.getAttribute("data-mpp-push"))
      });
    }).then(send);
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    Promise.resolve(Notification.requestPermission()).then(function (answer) {
      if (answer !== "granted") { fail("denied"); return null; }
      return subscribe();
    }).catch(function () { fail("failed"); });
  });
  form.hidden = false;
})();
