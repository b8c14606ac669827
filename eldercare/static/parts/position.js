// A form marked data-position asks the telephone where it is before it is sent, and goes without when it is not told.
const PATIENCE = 4000; // ms: nobody waits longer for a satellite in a cellar

export function setUpPosition() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-position]") || form.dataset.asked || !navigator.geolocation || event.defaultPrevented) return;
    form.dataset.asked = "1";
    event.preventDefault();
    delete form.dataset.sent;
    const send = () => form.requestSubmit();
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.elements.lon.value = coords.longitude;
      form.elements.lat.value = coords.latitude;
      form.elements.accuracy.value = Math.round(coords.accuracy);
      send();
    }, send, { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60000 });
  });
}
