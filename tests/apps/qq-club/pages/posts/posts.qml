<view qq:for="{{posts}}" qq:key="id">{{item.title}}</view>
