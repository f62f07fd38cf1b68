// A page that goes on by itself: without scripts its button does the same.
document.getElementById("launch").submit();
