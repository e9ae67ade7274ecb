"""URL of the page of pending items."""

from django.urls import path

from portal.notifications.views import notices_page

app_name = "notices"
urlpatterns = [path("waits/", notices_page, name="page")]
